package credential

import (
	"context"
	"fmt"

	"github.com/open-insignia/insignia/issuer/catalogue"
	"github.com/open-insignia/insignia/openbadge"
)

// BakedPNG is the badge's picture with both standards inside (spec 2.0 §9, spec 3.0 §11).
func (p *Publisher) BakedPNG(ctx context.Context, b *Badge) (catalogue.Document, error) {
	png, _, err := p.catalogue.PNG(ctx, b.credential.AchievementID)
	if err != nil {
		return catalogue.Document{}, err
	}
	assertion, err := p.Assertion(ctx, b)
	if err != nil {
		return catalogue.Document{}, err
	}
	credential, err := p.CredentialJSON(ctx, b)
	if err != nil {
		return catalogue.Document{}, err
	}
	chunks := []openbadge.Chunk{
		{Keyword: openbadge.KeywordOB2, Text: string(assertion.Body)},
		{Keyword: openbadge.KeywordOB3, Text: string(credential.Body)},
	}
	baked, err := openbadge.Bake(png, chunks...)
	if err != nil {
		return catalogue.Document{}, fmt.Errorf("bake badge %s: %w", b.Award.ID, err)
	}
	return catalogue.NewDocument(catalogue.TypePNG, baked), nil
}

// BakedSVG is the badge's drawing with both standards inside.
func (p *Publisher) BakedSVG(ctx context.Context, b *Badge) (catalogue.Document, error) {
	svg, _, err := p.catalogue.SVG(ctx, b.credential.AchievementID)
	if err != nil {
		return catalogue.Document{}, err
	}
	assertion, err := p.SignedAssertion(ctx, b)
	if err != nil {
		return catalogue.Document{}, err
	}
	credential, err := p.CredentialJSON(ctx, b)
	if err != nil {
		return catalogue.Document{}, err
	}
	baked, err := openbadge.BakeSVG(svg.Body,
		openbadge.SVGBadge{Keyword: openbadge.KeywordOB2, Verify: string(assertion.Body)},
		openbadge.SVGBadge{Keyword: openbadge.KeywordOB3, Body: string(credential.Body)})
	if err != nil {
		return catalogue.Document{}, fmt.Errorf("bake badge %s: %w", b.Award.ID, err)
	}
	return catalogue.NewDocument(catalogue.TypeSVG, baked), nil
}
