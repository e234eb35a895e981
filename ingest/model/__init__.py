"""A language model made ready to be read: found, loaded, examined; its tokenizer, its prompts, and where it runs."""
