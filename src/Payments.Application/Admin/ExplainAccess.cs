using FluentValidation;
using MediatR;
using Payments.Application.Shared;
using Payments.Application.Users;
using Payments.Domain.Shared;

namespace Payments.Application.Admin;

/// <summary>Why somebody may use something, or why not: the answer, each grant, and what stands behind it.</summary>
public sealed record ExplainAccess(UserId UserId, ResourceReference Resource) : IRequest<AccessExplanation>;

/// <param name="Grants">Those that give access first.</param>
/// <param name="Missing">What could have given access and does not.</param>
public sealed record AccessExplanation(bool Allowed, DateTimeOffset? Until, string Reason, IReadOnlyList<ExplainedGrant> Grants, IReadOnlyList<SourceFact> Missing);

public sealed record ExplainedGrant(GrantFact Grant, IReadOnlyList<SourceFact> Behind);

internal sealed class ExplainAccessValidator : AbstractValidator<ExplainAccess>
{
    public ExplainAccessValidator() => RuleFor(q => q.Resource).Must(r => r.IsSound).OverridePropertyName("resourceId")
        .WithMessage($"A resource is a type of 1 to {ResourceReference.LongestType} and an id of 1 to {ResourceReference.LongestId} characters, without spaces.");
}

internal sealed class ExplainAccessHandler(IAccessFacts access, IEnumerable<IGrantSources> sources) : IRequestHandler<ExplainAccess, AccessExplanation>
{
    public async Task<AccessExplanation> Handle(ExplainAccess query, CancellationToken cancellationToken)
    {
        var facts = await access.OfAsync(query.UserId, query.Resource, cancellationToken);
        if (!facts.UserKnown)
        {
            throw UserRefusals.NotFound();
        }

        var names = facts.Grants.Select(g => g.Source).ToList();
        var behind = new List<SourceFact>();
        foreach (var module in sources)
        {
            behind.AddRange(await module.OfAsync(query.UserId, query.Resource, names, cancellationToken));
        }

        return new AccessExplanation(
            facts.Allowed,
            facts.Until,
            facts.Reason,
            [.. facts.Grants.OrderByDescending(g => g.Gives).ThenByDescending(g => g.Until ?? DateTimeOffset.MaxValue)
                .Select(g => new ExplainedGrant(g, [.. behind.Where(f => f.Source == g.Source)]))],
            [.. behind.Where(f => f.Source is null)]);
    }
}
