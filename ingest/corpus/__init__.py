"""From a source to labelled documents: read, chosen, counted, streamed; or activations that were made elsewhere."""
