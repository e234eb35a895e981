"""From what a store answers to a picture, for the page and for print: what it shows, where, in which colour."""
