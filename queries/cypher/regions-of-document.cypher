// title: Regions of a text's tokens
// group: documents
// question: In which regions are the tokens of this text, layer by layer?
// only: tokens asks where the tokens of a text are
// instead: route-of-document
// param: study     study       study to read
// param: document  document    text whose tokens are followed
// param: layer     layer?      this layer only
// param: limit     int = 1000  most rows to return
// returns: layer     layer   index of the layer
// returns: region    region  id of the region
// returns: tokens    int     tokens of the text in it
// returns: part      float   tokens / tokens of the text
// returns: lift      float   part / part of all tokens of the study that are in the region
// returns: keywords  list    tokens over-represented in the region, most characteristic first
//
// The region with most of its tokens comes first within a layer. Which of them are there is not stored: `mri explain` reads
// the text again, token by token. A text without tokens of a category has no rows.
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})
MATCH (d:Document {llm_mri: true, id: $document})-[p:PASSES]->(r:Region)
WHERE $layer IS NULL OR p.layer = $layer
WITH study, p.layer AS layer, collect({region: r, tokens: p.tokens}) AS held, sum(p.tokens) AS whole
UNWIND held AS one
WITH study, layer, one.region AS r, one.tokens AS tokens, toFloat(one.tokens) / whole AS part
RETURN layer, r.id AS region, tokens, part, part * study.tokens / r.tokens AS lift, r.keywords AS keywords
ORDER BY layer, tokens DESC, region LIMIT $limit
