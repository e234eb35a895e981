// title: Regions by keyword
// group: regions
// question: Which regions have keywords that contain this text?
// param: study     study     study to read
// param: word      string    text that one of a region's words contains, upper or lower case
// param: layer     layer?    regions of this layer only
// param: limit     int = 50  most rows to return
// returns: region             region    id of the region
// returns: layer              layer     index of its layer
// returns: place              int       rank of the first such word among the region's, 1 is the most characteristic
// returns: documents          int?      documents that pass it
// of-tokens: tokens          int?      tokens in it
// returns: dominant_category  category? category with the largest share here
// returns: keywords           list      words of the region, most characteristic first
//
// Only the few most characteristic words of a region are stored, not all words of its documents. A component holds no
// documents: its words are those of the documents that score highest on it.
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(l:Layer)<-[:IN_LAYER]-(r:Region)
WHERE $layer IS NULL OR l.index = $layer
WITH r, [i IN range(1, size(r.keywords)) WHERE toLower(r.keywords[i - 1]) CONTAINS toLower($word)][0] AS place
WHERE place IS NOT NULL
RETURN r.id AS region, r.layer AS layer, place, r.documents AS documents, r.tokens AS tokens,
       r.dominant_category AS dominant_category, r.keywords AS keywords
ORDER BY place, coalesce(tokens, documents) DESC, layer, region LIMIT $limit
