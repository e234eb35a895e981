// title: Strongest drivers of a region
// group: connections
// question: Which regions of the layer before do this region's documents come from?
// param: study     study        study to read
// param: region    region       the driven region
// param: category  category?    documents of this category only
// param: limit     int = 10     most rows to return
// returns: source    region     id of the driving region
// returns: target    region     id of the driven region
// returns: keywords  list       words of the driving region, most characteristic first
// returns: weight    int        documents that take the connection
// returns: part      float      weight / documents that arrive in the driven region
// view: graph
//
// A region of the first layer has no drivers.
// A study of components has no rows: its regions hold no documents (see components).
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(:Layer)<-[:IN_LAYER]-(r:Region {llm_mri: true, id: $region})
MATCH (s:Region)-[e:FLOWS_TO]->(r)
WHERE study.atlas <> 'components' AND ($category IS NULL OR e.category = $category)
WITH r, s, sum(e.weight) AS weight
WITH r, collect({region: s, weight: weight}) AS drivers, sum(weight) AS arriving
UNWIND drivers AS driver
WITH r, driver.region AS s, driver.weight AS weight, arriving
RETURN s.id AS source, r.id AS target, s.keywords AS keywords, weight, toFloat(weight) / arriving AS part
ORDER BY weight DESC, source LIMIT $limit
