// title: Connections of a region
// group: connections
// question: Where do this region's documents come from, and where do they go?
// param: study     study        study to read
// param: region    region       region in the middle
// param: category  category?    documents of this category only
// param: limit     int = 10     most connections in, and most connections out
// returns: direction string     in or out
// returns: source    region     id of the region it leaves
// returns: target    region     id of the region it reaches
// returns: neighbour region     id of the region at the other end
// returns: keywords  list       words of that region, most characteristic first
// returns: weight    int        documents that take the connection
// returns: part      float      weight / documents of all connections in this direction
// view: graph
//
// A study of components has no rows: its regions hold no documents (see components).
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(:Layer)<-[:IN_LAYER]-(r:Region {llm_mri: true, id: $region})
MATCH (r)-[e:FLOWS_TO]-(n:Region)
WHERE study.atlas <> 'components' AND ($category IS NULL OR e.category = $category)
WITH r, n, CASE WHEN n.layer < r.layer THEN 'in' ELSE 'out' END AS direction, sum(e.weight) AS weight
ORDER BY weight DESC, n.id
WITH r, direction, collect({region: n, weight: weight}) AS ends, sum(weight) AS total
UNWIND ends[..$limit] AS end
WITH r, direction, end.region AS n, end.weight AS weight, total
RETURN direction, CASE direction WHEN 'in' THEN n.id ELSE r.id END AS source,
       CASE direction WHEN 'in' THEN r.id ELSE n.id END AS target, n.id AS neighbour, n.keywords AS keywords,
       weight, toFloat(weight) / total AS part
ORDER BY direction, weight DESC, neighbour
