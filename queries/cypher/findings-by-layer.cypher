// title: Findings by layer
// group: study
// question: How many findings has each category in each layer?
// param: study     study      study to read
// param: category  category?  this category only
// param: limit     int = 1000 most rows to return
// returns: layer         layer     index of the layer that the connections leave
// returns: category      category  whose findings they are
// returns: more          int       connections that it takes more than the others
// returns: less          int       connections that it takes less, those that it avoids altogether included
// returns: avoids        int       connections that it never takes
// returns: regions_more  int       regions of the layer that it passes more than the others
// returns: regions_less  int       regions of the layer that it passes less
//
// Do not add the counts of neighbouring layers up as independent evidence: the same documents make their connections in
// all of them. Each family of tests controls the false discovery rate at 5 % by itself.
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(l:Layer)
MATCH (study)<-[:PART_OF]-(c:Category)
WHERE $category IS NULL OR c.name = $category
OPTIONAL MATCH (l)<-[:IN_LAYER]-(r:Region)
OPTIONAL MATCH (r)-[e:FLOWS_TO|AVOIDS {category: c.name}]->(:Region) WHERE e.finding IS NOT NULL
WITH l, c, sum(CASE e.finding WHEN 'more' THEN 1 ELSE 0 END) AS more,
     sum(CASE e.finding WHEN 'less' THEN 1 ELSE 0 END) AS less,
     sum(CASE WHEN e.finding IS NOT NULL AND e.weight = 0 THEN 1 ELSE 0 END) AS avoids
OPTIONAL MATCH (l)<-[:IN_LAYER]-(r:Region)-[a:ACTIVATED_BY]->(c)
RETURN l.index AS layer, c.name AS category, more, less, avoids,
       sum(CASE a.finding WHEN 'more' THEN 1 ELSE 0 END) AS regions_more,
       sum(CASE a.finding WHEN 'less' THEN 1 ELSE 0 END) AS regions_less
ORDER BY layer, category LIMIT $limit
