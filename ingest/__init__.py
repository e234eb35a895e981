"""From labelled texts to a study in a store: corpus, model, activations, and the pipeline that wires the stages."""
