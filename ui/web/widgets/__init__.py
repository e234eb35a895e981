"""Parts of the page that several of its pages and tabs show."""
