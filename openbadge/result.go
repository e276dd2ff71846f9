package openbadge

// Result is one outcome that the award rests on (spec 3.0 section 2.5); ResultDescription is the id
// of a description in the same achievement. Status is needed where that is of type "Status".
type Result struct {
	Type              []string    `json:"type"`
	AchievedLevel     string      `json:"achievedLevel,omitempty"`
	Alignment         []Alignment `json:"alignment,omitempty"`
	ResultDescription string      `json:"resultDescription,omitempty"`
	Status            string      `json:"status,omitempty"`
	Value             string      `json:"value,omitempty"`
}

// ResultDescription describes a Result. AllowedValue is ordered from low to high.
type ResultDescription struct {
	ID                   string                 `json:"id"`
	Type                 []string               `json:"type"`
	Alignment            []Alignment            `json:"alignment,omitempty"`
	AllowedValue         []string               `json:"allowedValue,omitempty"`
	Name                 string                 `json:"name"`
	RequiredLevel        string                 `json:"requiredLevel,omitempty"`
	RequiredValue        string                 `json:"requiredValue,omitempty"`
	ResultType           string                 `json:"resultType"`
	RubricCriterionLevel []RubricCriterionLevel `json:"rubricCriterionLevel,omitempty"`
	ValueMax             string                 `json:"valueMax,omitempty"`
	ValueMin             string                 `json:"valueMin,omitempty"`
}

// RubricCriterionLevel is one level that a result can reach.
type RubricCriterionLevel struct {
	ID          string      `json:"id"`
	Type        []string    `json:"type"`
	Alignment   []Alignment `json:"alignment,omitempty"`
	Description string      `json:"description,omitempty"`
	Level       string      `json:"level,omitempty"`
	Name        string      `json:"name"`
	Points      string      `json:"points,omitempty"`
}

// NewScore makes the description of a score, which is named in the learner's language, and the result
// that refers to it. id is the description's; maximum may be empty.
func NewScore(id, name, value, maximum string) (ResultDescription, Result) {
	d := ResultDescription{ID: id, Type: []string{"ResultDescription"}, Name: name, ResultType: "RawScore", ValueMax: maximum}
	return d, Result{Type: []string{"Result"}, ResultDescription: id, Value: value}
}
