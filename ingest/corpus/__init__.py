"""From a source to labelled documents: read, selected, counted, streamed; or activations computed elsewhere."""
