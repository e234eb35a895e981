// title: Divergence over chance, layer by layer
// group: study
// question: In which layers do the categories diverge more than chance, and more than in a model that has learnt nothing?
// param: study  study       study to read
// param: limit  int = 1000  most rows to return
// returns: layer          layer   index of the layer
// returns: name           string  name of the layer
// returns: over_chance    float?  bits, divergence of the categories minus its mean under shuffled labels
// returns: ci_low         float?  lower end of its confidence interval, which covers the sampling of documents only; mri show has that of the atlas too
// returns: ci_high        float?  upper end of it
// returns: p              float?  p value, familywise over the layers
// returns: random_blocks  float?  the same in the same model with re-initialised blocks, mean over several such models
// returns: random_blocks_low   float?  the smallest of them
// returns: random_blocks_high  float?  the largest of them
//
// Layer 0, the embedding, almost always separates the categories, because it encodes the words. So look at the gain over
// layer 0, and over random blocks, which `mri ingest … --controls` stores. The question divergence shows the uncorrected
// value, which includes chance. A study of components has no rows: its regions hold no documents.
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(l:Layer)
MATCH (study)<-[:PART_OF]-(m:Measure {kind: 'divergence', layer: l.index})
OPTIONAL MATCH (study)<-[:PART_OF]-(b:Measure {kind: 'control', other: 'random_blocks divergence', layer: l.index})
RETURN l.index AS layer, l.name AS name, m.value AS over_chance, m.ci_low AS ci_low, m.ci_high AS ci_high, m.p AS p,
       b.value AS random_blocks, b.ci_low AS random_blocks_low, b.ci_high AS random_blocks_high
ORDER BY layer LIMIT $limit
