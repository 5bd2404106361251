using MediatR;
using Microsoft.EntityFrameworkCore;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Subscriptions;

/// <summary>All of the caller's subscriptions, ended ones too, newest first.</summary>
public sealed record ListSubscriptions(UserId UserId) : IRequest<IReadOnlyList<SubscriptionView>>;

internal sealed class ListSubscriptionsHandler(IPaymentsDb db) : IRequestHandler<ListSubscriptions, IReadOnlyList<SubscriptionView>>
{
    /// <summary>Nobody has subscribed this often; it bounds the answer.</summary>
    private const int Most = 200;

    public async Task<IReadOnlyList<SubscriptionView>> Handle(ListSubscriptions query, CancellationToken cancellationToken)
    {
        var rows = await db.Subscriptions.AsNoTracking().Where(s => s.UserId == query.UserId && s.GatewayCreatedAt != null)
            .OrderByDescending(s => s.GatewayCreatedAt).ThenByDescending(s => s.Id).Take(Most).ToListAsync(cancellationToken);
        return await db.ViewsOfAsync(rows, cancellationToken);
    }
}
