// Runs before the first paint, so that a chosen theme or language does not flash.
try {
  const theme = localStorage.getItem("calame.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage is closed to this page: the system's theme stays.
}
