// title: Where two categories separate and rejoin
// group: routes
// question: In which layers do the distributions of two categories separate, and where do they overlap again?
// param: study     study        study to read
// param: category  category     one of the two
// param: versus    category     the other
// param: least_change float = 0.1  smallest change of the overlap that counts as a parting or a meeting
// returns: layer           layer   index, 0 is the embedding
// returns: name            string  name of the layer
// returns: overlap         float   from 0 (no region in common) to 1 (the same distribution over the regions)
// returns: change          float?  overlap − overlap of the layer before
// returns: event           string  part where the overlap falls by at least `least_change`, meet where it rises by as much
// returns: shared          region? id of the region that they share most: largest of the smaller shares
// returns: own             region? id of the region that most distinguishes the category: largest share − versus share
// returns: versus_own      region? id of the region that most distinguishes the other category
// returns: shared_keywords list?   words of the region that they share most, most characteristic first
// returns: own_keywords    list?   words of the category's region, most characteristic first
// returns: versus_keywords list?   words of the other's region, most characteristic first
//
// The overlap is 1 − the total variation distance of the two categories' distributions over the regions: the sum over the
// regions of the smaller of the two shares. It is descriptive: few documents over many regions lower it by chance. Of
// regions within 1e-9 the smaller id is listed; a region is absent where none is shared, or where neither has more than
// the other.
// A study of components has no rows: its regions hold no documents (see components).
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(c:Category)
WHERE c.name IN [$category, $versus]
MATCH (study)<-[:PART_OF]-(l:Layer)<-[:IN_LAYER]-(r:Region)-[a:ACTIVATED_BY]->(c)
WITH l, r, sum(CASE WHEN c.name = $category THEN a.share ELSE 0.0 END) AS share,
     sum(CASE WHEN c.name = $versus THEN a.share ELSE 0.0 END) AS versus_share
ORDER BY r.id
WITH l, r, share - versus_share AS more, CASE WHEN share < versus_share THEN share ELSE versus_share END AS both
WITH l, collect({region: r, both: both, more: more}) AS regions, sum(both) AS overlap
ORDER BY l.index
WITH collect({index: l.index, name: l.name, overlap: overlap,
     shared: reduce(top = null, r IN regions | CASE WHEN r.both > coalesce(top.both, 0.0) + 1e-9 THEN r ELSE top END),
     own: reduce(top = null, r IN regions | CASE WHEN r.more > coalesce(top.more, 0.0) + 1e-9 THEN r ELSE top END),
     versus: reduce(top = null, r IN regions | CASE WHEN r.more < coalesce(top.more, 0.0) - 1e-9 THEN r ELSE top END)
     }) AS layers
UNWIND range(0, size(layers) - 1) AS i
WITH layers[i] AS l, CASE WHEN i > 0 THEN layers[i].overlap - layers[i - 1].overlap END AS change
WITH l, change, l.shared.region AS shared, l.own.region AS own, l.versus.region AS versus
RETURN l.index AS layer, l.name AS name, l.overlap AS overlap, change,
       CASE WHEN change IS NULL OR abs(change) < 1e-9 OR abs(change) < $least_change - 1e-9 THEN ''
            WHEN change < 0 THEN 'part' ELSE 'meet' END AS event,
       shared.id AS shared, own.id AS own, versus.id AS versus_own, shared.keywords AS shared_keywords,
       own.keywords AS own_keywords, versus.keywords AS versus_keywords
ORDER BY layer
