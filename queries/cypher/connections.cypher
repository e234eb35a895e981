// title: Connections
// group: connections
// question: Which connections do the documents take, category by category?
// param: study       study       study to read
// param: category    category?   connections of this category only
// param: layer       layer?      connections that leave this layer only
// param: limit       int = 1000  most rows to return
// returns: source    region      id of the region it leaves
// returns: target    region      id of the region it reaches, one layer later
// returns: layer     layer       index of the layer it leaves
// returns: category  category    category that takes it
// returns: weight    int         documents of the category that take it
// of-tokens: documents int     texts that these tokens are of
// returns: share     float       weight / documents of the category
// returns: lift      float       share / mean of all categories' shares; 1 is no more and no less than all
// view: graph
//
// The largest shares come first.
// A study of components has no rows: its regions hold no documents (see components).
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(l:Layer)<-[:IN_LAYER]-(s:Region)-[e:FLOWS_TO]->(t:Region)
WHERE study.atlas <> 'components' AND ($layer IS NULL OR l.index = $layer)
  AND ($category IS NULL OR e.category = $category)
WITH s, e, t
ORDER BY e.share DESC, s.layer, s.id, t.id, e.category LIMIT $limit
RETURN s.id AS source, t.id AS target, s.layer AS layer, e.category AS category, e.weight AS weight,
       e.documents AS documents, e.share AS share, e.lift AS lift
ORDER BY share DESC, layer, source, target, category
