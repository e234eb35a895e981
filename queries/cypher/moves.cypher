// title: Moves between names
// group: connections
// question: Between regions of which names do documents move, all layers together?
// param: study     study       study to read
// param: limit     int = 1000  most rows to return
// returns: source     string  name of the regions that documents leave
// returns: target     string  name of the regions that they reach, one layer later; another name
// of-documents: documents  int     documents that make this move, each counted once in each layer in which it does
// of-tokens: tokens  int     tokens that make this move, each counted once in each layer in which it does
//
// With chained clusters a name is a lane through all layers: these are the moves from lane to lane, by which the page
// orders them. A study of components has no rows: its regions hold no documents (see components).
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(:Layer)<-[:IN_LAYER]-(s:Region)
WHERE study.atlas <> 'components'
CALL (s) {
  MATCH (s)-[e:FLOWS_TO]->(t:Region)
  WHERE t.name <> s.name
  RETURN t.name AS target, sum(e.weight) AS documents
}
WITH s.name AS source, target, sum(documents) AS documents
RETURN source, target, documents, documents AS tokens
ORDER BY documents DESC, source, target LIMIT $limit
