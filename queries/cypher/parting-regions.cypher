// title: Regions where categories part
// group: regions
// question: After which regions do the documents' next regions depend significantly on their category?
// param: study   study         study to read
// param: layer   layer?        regions of this layer only
// param: most_q  float = 0.05  regions with a q value of at most this
// param: limit   int = 50      most rows to return
// returns: region             region     id of the region
// returns: layer              layer      index of its layer
// returns: documents          int        documents in it
// of-tokens: tokens          int        tokens in it
// returns: parting_q          float      q value of the test that where they go does not depend on their category
// returns: dominant_category  category?  category with the largest share there
// returns: keywords           list       words over-represented in its documents, most characteristic first
//
// Where a document goes next also depends on its position within the region, which the regions do not record: compare with
// the routing floor (see controls). Regions of the last layer have no outgoing connections.
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(l:Layer)<-[:IN_LAYER]-(r:Region)
WHERE r.parting_q <= $most_q AND ($layer IS NULL OR l.index = $layer)
RETURN r.id AS region, r.layer AS layer, r.documents AS documents, r.tokens AS tokens, r.parting_q AS parting_q,
       r.dominant_category AS dominant_category, r.keywords AS keywords
ORDER BY round(parting_q * 1e9), coalesce(tokens, documents) DESC, layer, region LIMIT $limit
