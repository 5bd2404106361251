using Payments.Domain.Shared;

namespace Payments.Application.Users.Contracts;

/// <summary>What people may use, as other modules decide it.</summary>
public interface IAccess
{
    /// <summary>
    /// Takes the users' row locks in id order, all at once: first, for a unit of work that then grants credits to some and
    /// sets access for others. After every other lock.
    /// </summary>
    Task LockAsync(IReadOnlyCollection<UserId> users, CancellationToken cancellationToken);

    /// <summary>
    /// Sets what one source gives; the last word counts. Inside the caller's transaction, under the users' row locks
    /// (taken in id order; call it after every other lock). Saved by the caller's save.
    /// </summary>
    Task SetAsync(IReadOnlyList<AccessSetting> settings, CancellationToken cancellationToken);
}

/// <param name="Source">What gives it, unique for a user: <c>subscription:{id}</c>, <c>purchase:{paymentId}</c>.</param>
/// <param name="Until">At this very moment it is over; null: never.</param>
/// <param name="Subscription">What the profile shows for it; null: nothing.</param>
public sealed record AccessSetting(UserId UserId, string Source, ResourceReference Resource, DateTimeOffset StartsAt, DateTimeOffset? Until, AccessState State, SubscriptionShown? Subscription);

/// <summary>A profile's <c>subscriptionType</c> and <c>subscriptionExpires</c>.</summary>
public sealed record SubscriptionShown(string Type, DateTimeOffset Expires);
