// title: Measures of a study
// group: study
// question: What was measured of a study's graph, its layers and its categories, and how certain is it?
// param: study     study        study to read
// param: kind      string?      this kind only, such as density
// param: layer     layer?       of this layer only
// param: category  category?    of this category only
// param: limit     int = 1000   most rows to return
// returns: kind      string     what is measured
// returns: layer     layer?     index of the layer, where it is about one
// returns: category  category?  category, where it is about one; else all together
// returns: other     string?    what else it is about: a second category, or the input of a probe
// returns: value     float?     the measure; empty where it is not defined, and details say why
// returns: ci_low    float?     lower end of its confidence interval
// returns: ci_high   float?     upper end of it
// returns: p         float?     p value
// returns: q         float?     q value: p value adjusted for the number of tests
// returns: details   object     further information
//
// The scan stores evidence and confounds, `mri metrics STUDY` graph measures, `mri probe STUDY` probes; before that, there
// are no rows of those kinds.
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(m:Measure)
WHERE ($kind IS NULL OR m.kind = $kind) AND ($layer IS NULL OR m.layer = $layer)
  AND ($category IS NULL OR m.category = $category)
RETURN m.kind AS kind, m.layer AS layer, m.category AS category, m.other AS other, m.value AS value,
       m.ci_low AS ci_low, m.ci_high AS ci_high, m.p AS p, m.q AS q, m.details AS details
ORDER BY kind, coalesce(layer, -1), coalesce(category, ''), coalesce(other, '') LIMIT $limit
