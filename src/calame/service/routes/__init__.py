"""One file per family of routes; each gives a router for the things it is handed."""
