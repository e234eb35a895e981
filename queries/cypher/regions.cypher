// title: Regions of a study
// group: regions
// question: Which regions does a study have, which documents are in them, and what are they about?
// param: study     study        study to read
// param: layer     layer?       regions of this layer only
// param: category  category?    regions that documents of this category pass, most used first
// param: limit     int = 1000   most rows to return
// returns: region            region     id of the region
// returns: layer             layer      index of its layer
// returns: name              string     its name within the layer
// returns: x                 float      position: column in a grid, else first reduced dimension
// returns: y                 float?     position: row in a grid, else second reduced dimension
// returns: documents         int?       documents that pass it
// of-tokens: tokens         int?       tokens in it
// returns: dominant_category category?  category with the largest share here
// returns: dominance         float?     its share / sum of all categories' shares: 1 is that category alone
// returns: entropy           float?     bits, entropy of the categories here; 0 is one category only
// returns: keywords          list       words over-represented in its documents, most characteristic first
// returns: exemplars         list       ordinals of documents near the centre, those with most of the words first
// of-tokens: contexts       list       tokens near the centre, each between « and » in its context
// returns: share             float?     share of the given category's documents that pass it
// returns: lift              float?     that share / mean of all categories' shares; 1 is no more and no less than all
// returns: reader_name       string?    name that a reader gave it (see names)
//
// Without a category the regions come layer by layer, the largest first. A component holds no documents: columns about
// documents are empty, x is its number, y the share of the variance that it explains (empty for UMAP), its words are those
// of the documents that score highest, its exemplars these documents, the highest first. No category passes it.
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(l:Layer)<-[:IN_LAYER]-(r:Region)
WHERE $layer IS NULL OR l.index = $layer
OPTIONAL MATCH (r)-[a:ACTIVATED_BY]->(:Category {llm_mri: true, study: $study, name: $category})
WITH study, r, a
WHERE $category IS NULL OR a IS NOT NULL
OPTIONAL MATCH (r)-[each:ACTIVATED_BY]->()
WITH study.categories AS categories, r, a, max(each.lift) AS lift
OPTIONAL MATCH (r)<-[:ANNOTATES]-(given:Annotation)
RETURN r.id AS region, r.layer AS layer, r.name AS name, r.x AS x, r.y AS y, r.documents AS documents,
       r.tokens AS tokens,       r.dominant_category AS dominant_category, lift / categories AS dominance, r.entropy AS entropy, r.keywords AS keywords,
       r.exemplars AS exemplars, r.contexts AS contexts, a.share AS share, a.lift AS lift,
       given.name AS reader_name
ORDER BY coalesce(share, 0.0) DESC, layer, coalesce(tokens, documents) DESC,
         CASE WHEN documents IS NULL THEN x END, region LIMIT $limit
