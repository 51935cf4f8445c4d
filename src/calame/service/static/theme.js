// Runs before the first paint, so that a chosen theme or language does not flash.
try {
  const page = document.documentElement;
  const [theme, language] = ["calame.theme", "calame.language"].map((name) => localStorage.getItem(name));
  if (theme === "light" || theme === "dark") page.dataset.theme = theme;
  // A page that the server wrote, whose address names no language, came in the browser's: it is asked for in the one that was chosen.
  const other = "written" in page.dataset && (language === "en" || language === "fr") && language !== page.lang;
  if (other && !/[?&]lang=/.test(location.search)) location.replace(`?lang=${language}${location.hash}`);
} catch {
  // Storage is closed to this page: the system's theme stays.
}
