"""The app and the API: requests in, readings out; the page, the problems, the limits, the measures."""
