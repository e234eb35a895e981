// title: Central regions
// group: regions
// question: Which regions lie on the shortest paths through the model, and which connect its parts?
// param: study    study       study to read
// param: layer    layer?      regions of this layer only
// param: measure  string(betweenness|pagerank|participation) = "betweenness"  measure that orders the rows
// param: limit    int = 20    most rows to return
// returns: region         region  id of the region
// returns: layer          layer   index of its layer
// returns: keywords       list    words over-represented in its documents, most characteristic first
// returns: betweenness    float   share of the shortest paths between two other regions that go through it
// returns: pagerank       float   share of a random walk's time that is spent here
// returns: participation  float   participation coefficient: 0 where all its connections stay within its community, towards 1 the more evenly they spread
// returns: community      int     number of its community, 0 the largest
// returns: strength_in    int     documents that arrive from the layer before
// returns: strength_out   int     documents that leave to the layer after
//
// Computed on the graph of all categories together, in which a connection is shorter the more documents take it. More paths
// go through a region in the middle of the model than through one at its ends: compare within a layer. There are no rows
// for components.
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(l:Layer)<-[:IN_LAYER]-(r:Region)
WHERE ($layer IS NULL OR l.index = $layer) AND r.betweenness IS NOT NULL
RETURN r.id AS region, r.layer AS layer, r.keywords AS keywords, r.betweenness AS betweenness, r.pagerank AS pagerank,
       r.participation AS participation, r.community AS community, r.strength_in AS strength_in,
       r.strength_out AS strength_out
ORDER BY round(CASE $measure WHEN 'pagerank' THEN pagerank WHEN 'participation' THEN participation ELSE betweenness END
               * 1e9) DESC, strength_in + strength_out DESC, layer, region LIMIT $limit
