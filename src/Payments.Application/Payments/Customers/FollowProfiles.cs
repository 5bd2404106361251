using MediatR;
using Payments.Application.Users.Contracts;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Customers;

/// <summary>Notes whose email or name has changed, inside the outbox worker's transaction; the provider is told when due work runs.</summary>
public sealed record FollowProfiles(IReadOnlyList<OutboxMessage> Messages) : IRequest;

internal sealed class FollowProfilesHandler(IPaymentsDb db, TimeProvider clock) : IRequestHandler<FollowProfiles>
{
    public async Task<Unit> Handle(FollowProfiles command, CancellationToken cancellationToken)
    {
        var changed = command.Messages.Select(m => UserFact.From(m.Type, m.Data)).OfType<ProfileChanged>().Select(fact => new UserId(fact.UserId)).Distinct().ToList();
        if (changed.Count > 0)
        {
            await db.SyncCustomersOfAsync(changed, clock.GetUtcNow(), cancellationToken);
        }

        return Unit.Value;
    }
}
