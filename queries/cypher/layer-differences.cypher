// title: Layers apart
// group: study
// question: In which layers are the categories further apart than chance, and than in a model that learnt nothing?
// param: study  study       study to read
// param: limit  int = 1000  most rows to return
// returns: layer          layer   index of the layer
// returns: name           string  name of the layer
// returns: over_chance    float?  bits, divergence of the categories' region shares less what shuffled labels give
// returns: ci_low         float?  lower end of its interval, for the error of the documents alone; mri show has both errors
// returns: ci_high        float?  upper end
// returns: p              float?  its chance, familywise over the layers
// returns: random_blocks  float?  the same in the same model with re-initialised blocks, mean over several such models
// returns: random_blocks_low   float?  the least of them
// returns: random_blocks_high  float?  the most
//
// Layer 0 almost always parts the categories: it knows the words. So look at the gain over layer 0, and over random
// blocks, which `mri ingest … --controls` stores. The question divergence shows the plain value, chance included.
// Components hold no documents, so that a study of them has no rows.
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(l:Layer)
MATCH (study)<-[:PART_OF]-(m:Measure {kind: 'divergence', layer: l.index})
OPTIONAL MATCH (study)<-[:PART_OF]-(b:Measure {kind: 'control', other: 'random_blocks divergence', layer: l.index})
RETURN l.index AS layer, l.name AS name, m.value AS over_chance, m.ci_low AS ci_low, m.ci_high AS ci_high, m.p AS p,
       b.value AS random_blocks, b.ci_low AS random_blocks_low, b.ci_high AS random_blocks_high
ORDER BY layer LIMIT $limit
