package partners

import (
	"net/http"

	"github.com/open-insignia/insignia/issuer/programme"
)

// getExams answers with the exams as the programme file writes them.
func (d *Door) getExams(q *call) (answer, error) {
	p, err := d.programme(q)
	if err != nil {
		return answer{}, err
	}
	return answer{http.StatusOK, newPage(append([]programme.Exam{}, p.Exams...), "")}, nil
}

// getCertifications answers with the certifications as the programme file writes them.
func (d *Door) getCertifications(q *call) (answer, error) {
	p, err := d.programme(q)
	if err != nil {
		return answer{}, err
	}
	return answer{http.StatusOK, newPage(append([]programme.Certification{}, p.Certifications...), "")}, nil
}

// programme is the newest version; before the first there is nothing in it.
func (d *Door) programme(q *call) (*programme.Programme, error) {
	h, err := d.issuer.History(q.Request().Context())
	if err != nil {
		return nil, err
	}
	if len(h) == 0 {
		return new(programme.Programme), nil
	}
	return h.Latest().Programme, nil
}
