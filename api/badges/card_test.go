package badges_test

import (
	"net/http"
	"testing"

	"github.com/open-insignia/insignia/api/apitest"
	"github.com/open-insignia/insignia/issuer/ledger"
)

func TestCardsTellHowTheBadgeStands(t *testing.T) {
	s := apitest.New(t)
	id := s.Badge1(ledger.Public)
	valid := s.Ask("GET", "/badges/"+id+"/card.png", "")
	spanish := s.Ask("GET", "/badges/"+id+"/card.png?lang=es", "")
	if valid.Code != 200 || spanish.Code != 200 || valid.Body.String() == spanish.Body.String() {
		t.Error("cards:", valid.Code, spanish.Code)
	}
	s.Want(http.StatusOK, "POST", "/awards/"+id+"/revoke", `{"reason":"cheated"}`)
	if w := s.Ask("GET", "/badges/"+id+"/card.png", ""); w.Body.String() == valid.Body.String() {
		t.Error("the card of a revoked badge looks like a valid one")
	}
}
