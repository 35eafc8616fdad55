"""The eight colours marks are drawn in, in the page and in the picture alike."""

COLOURS = {
    "red": "#e5484d",
    "orange": "#f76b15",
    "yellow": "#ffc53d",
    "green": "#30a46c",
    "blue": "#0090ff",
    "purple": "#8e4ec6",
    "black": "#1c1b19",
    "white": "#ffffff",
}
