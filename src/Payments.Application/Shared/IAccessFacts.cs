using Payments.Domain.Shared;

namespace Payments.Application.Shared;

/// <summary>Whether somebody may use something, and every grant that speaks of it.</summary>
public interface IAccessFacts
{
    Task<AccessFacts> OfAsync(UserId userId, ResourceReference resource, CancellationToken cancellationToken);
}

/// <param name="UserKnown">Somebody with this id was ever seen.</param>
/// <param name="Reason">As the access answer has it: <c>subscription</c>, <c>expired</c>, <c>none</c>.</param>
public sealed record AccessFacts(bool UserKnown, bool Allowed, DateTimeOffset? Until, string Reason, IReadOnlyList<GrantFact> Grants);

/// <param name="Source">What gives it: <c>subscription:{id}</c>.</param>
/// <param name="Gives">Now.</param>
public sealed record GrantFact(string Source, ResourceReference Resource, AccessState State, DateTimeOffset StartsAt, DateTimeOffset? Until, bool Gives);

/// <summary>What stands behind a grant, or behind there being none, as the module knows that owns the source.</summary>
public interface IGrantSources
{
    /// <param name="sources">Of the grants that there are; of others' sources the module says nothing.</param>
    Task<IReadOnlyList<SourceFact>> OfAsync(UserId userId, ResourceReference resource, IReadOnlyCollection<string> sources, CancellationToken cancellationToken);
}

/// <param name="Source">Of the grant that it explains; null: what could have given access and does not.</param>
/// <param name="Kind">subscription, payment, refund, dispute; others may come.</param>
/// <param name="Until">When it ends or ended, of what has an end.</param>
/// <param name="Text">For people.</param>
public sealed record SourceFact(string? Source, string Kind, string Id, string State, DateTimeOffset? At, DateTimeOffset? Until, Money? Amount, string Text);
