// title: Probes by layer
// group: study
// question: How well can the category be read from each layer, from its regions, and without anything that the model has learnt?
// param: study  study        study to read
// param: layer  layer?       this layer only
// param: limit  int = 1000   most rows to return
// returns: layer          layer   index, 0 is the embedding
// returns: name           string  name of the layer
// returns: full           float?  balanced accuracy on held-out documents, from the full activations
// returns: full_low       float?  lower end of its confidence interval
// returns: full_high      float?  upper end of it
// returns: regions        float?  the same from the regions only
// returns: regions_low    float?  lower end of its confidence interval
// returns: regions_high   float?  upper end of it
// returns: control        float?  balanced accuracy from the full activations, labels shuffled; of tokens a random label for each type
// returns: random_blocks  float?  balanced accuracy from the full activations of the same model with re-initialised blocks
// returns: embeddings     float?  baseline: balanced accuracy from the mean token embedding, words without order or context; of tokens from the token's own embedding
// returns: words          float?  balanced accuracy from the texts' word counts; of tokens from the token's one-hot type
// returns: chance         float   balanced accuracy of a guess among the categories
//
// Probes are stored by `mri probe STUDY`, random blocks with `--random-blocks`; before that, there are no rows.
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(l:Layer),
      (study)<-[:PART_OF]-(f:Measure {llm_mri: true, study: $study, kind: 'probe', other: 'full', layer: l.index})
WHERE $layer IS NULL OR l.index = $layer
OPTIONAL MATCH (study)<-[:PART_OF]-(r:Measure {llm_mri: true, study: $study, kind: 'probe', other: 'regions', layer: l.index})
OPTIONAL MATCH (study)<-[:PART_OF]-(c:Measure {llm_mri: true, study: $study, kind: 'probe', other: 'control', layer: l.index})
OPTIONAL MATCH (study)<-[:PART_OF]-(b:Measure {llm_mri: true, study: $study, kind: 'probe', other: 'random_blocks', layer: l.index})
OPTIONAL MATCH (study)<-[:PART_OF]-(e:Measure {llm_mri: true, study: $study, kind: 'probe', other: 'embeddings'})
OPTIONAL MATCH (study)<-[:PART_OF]-(w:Measure {llm_mri: true, study: $study, kind: 'probe', other: 'words'})
RETURN l.index AS layer, l.name AS name, f.value AS full, f.ci_low AS full_low, f.ci_high AS full_high,
       r.value AS regions, r.ci_low AS regions_low, r.ci_high AS regions_high, c.value AS control,
       b.value AS random_blocks, e.value AS embeddings, w.value AS words, 1.0 / study.categories AS chance
ORDER BY layer LIMIT $limit
