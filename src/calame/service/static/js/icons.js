/** Outlines of the page's icons, as SVG paths in a 20×20 box. */

export const ICONS = Object.freeze({
  pen: "M14.500 2.500l3 3L7 16l-4 1 1-4zM12 5l3 3",
  eraser: "M8 16.500l-5-5 8-8 6 6-7 7zM6.500 8l6 6M8 16.500h9",
  undo: "M7 4L3 8l4 4M3 8h8.500a5 4.500 0 0 1 0 9H8",
  redo: "M13 4l4 4-4 4M17 8H8.500a5 4.500 0 0 0 0 9H12",
  clear: "M4 4l12 12M16 4L4 16",
  trash: "M4 5.500h12M8 5.500V3.500h4v2M5.500 5.500l.7 11h7.600l.7-11M8.500 8.500v5M11.500 8.500v5",
  theme: "M10 2.500a7.500 7.500 0 1 0 0 15zM10 2.500a7.500 7.500 0 0 1 0 15",
  copy: "M7 7V3h10v10h-4M3 7h10v10H3z",
  next: "M8 4l6 6-6 6",
  shuffle: "M3 6h3l8 8h3M3 14h3l2.500-2.500M11.500 8.500L14 6h3M15 4l2 2-2 2M15 12l2 2-2 2",
});
