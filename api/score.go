package api

import (
	"github.com/open-insignia/insignia/issuer"
	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/templates"
)

// scoreText is a score for people; empty for none.
func scoreText(value, most string) string {
	if value != "" && most != "" {
		return value + " / " + most
	}
	return value
}

// scoresOf are scores with the names of their exams.
func scoresOf(h programme.History, scores []issuer.Score, lang string) (list []templates.Score) {
	for _, s := range scores {
		exam := programme.Subject{Kind: programme.KindExam, Code: s.Exam}
		list = append(list, templates.Score{Code: s.Exam, Title: nameOf(h, exam, lang), Text: scoreText(s.Value, s.Max)})
	}
	return list
}
