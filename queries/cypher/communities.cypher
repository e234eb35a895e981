// title: Communities of regions
// group: regions
// question: Which regions form communities across the layers, and whose documents go through them?
// param: study      study      study to read
// param: community  int?       this community only
// param: limit      int = 50   most rows to return
// returns: community    int       its number, 0 the largest
// returns: regions      int       number of its regions
// returns: first_layer  layer     index of its first layer
// returns: last_layer   layer     index of its last layer
// of-documents: documents    int       documents in its regions, each counted once a layer
// of-tokens: tokens    int       tokens in its regions, each counted once a layer
// returns: category     category  the category with the largest part of it
// returns: part         float     that part: the category's shares of its regions over those of all categories
// returns: largest      region    id of its region with the most documents
// returns: keywords     list      words over-represented in that region's documents, most characteristic first
//
// Communities are found in the undirected graph of all categories together, so that there are more connections within them
// than a random graph would have (modularity). With chained clusters a community is often a lane: regions of the same
// number in successive layers, in which documents stay. There are no rows for components.
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(:Layer)<-[:IN_LAYER]-(r:Region)
WHERE r.community IS NOT NULL AND ($community IS NULL OR r.community = $community)
WITH r ORDER BY coalesce(r.tokens, r.documents) DESC, r.layer, r.id
WITH r.community AS community, collect(r) AS members
WITH community, members, members[0] AS largest,
     reduce(n = 0, m IN members | n + coalesce(m.tokens, m.documents)) AS documents,
     reduce(n = members[0].layer, m IN members | CASE WHEN m.layer < n THEN m.layer ELSE n END) AS first_layer,
     reduce(n = members[0].layer, m IN members | CASE WHEN m.layer > n THEN m.layer ELSE n END) AS last_layer
UNWIND members AS member
MATCH (member)-[a:ACTIVATED_BY]->(c:Category)
WITH community, size(members) AS regions, first_layer, last_layer, documents, largest, c.name AS category,
     sum(a.share) AS share
ORDER BY round(share * 1e9) DESC, category
WITH community, regions, first_layer, last_layer, documents, largest,
     collect({category: category, share: share}) AS shares
RETURN community, regions, first_layer, last_layer, documents, documents AS tokens, shares[0].category AS category,
       shares[0].share / reduce(n = 0.0, s IN shares | n + s.share) AS part, largest.id AS largest,
       largest.keywords AS keywords
ORDER BY regions DESC, documents DESC, community LIMIT $limit
