using MediatR;
using Microsoft.EntityFrameworkCore;
using Payments.Application.Payments.Catalog;
using Payments.Application.Payments.Contracts;
using Payments.Application.Shared;
using Payments.Domain.Payments.Invoices;
using Payments.Domain.Payments.Subscriptions;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Subscriptions;

/// <summary>Tells people what comes: a trial that ends, a grace period that ends, a long period that renews; each end once. Answers how many were due.</summary>
public sealed record NoticeComingEnds(int Count) : IRequest<int>;

internal sealed class NoticeComingEndsHandler(IPaymentsDb db, SubscriptionOptions options, IIdGenerator ids, TimeProvider clock) : IRequestHandler<NoticeComingEnds, int>
{
    public async Task<int> Handle(NoticeComingEnds command, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        var now = clock.GetUtcNow();
        var due = await db.TakeTellingAsync(now, command.Count, cancellationToken);
        foreach (var subscription in due)
        {
            if (subscription.Notice(options.Access, options.Notices, now) is { } coming && await FactAsync(subscription, coming, now, cancellationToken) is { } fact)
            {
                db.Enqueue(fact.ToMessage(ids.Next(), now));
            }
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return due.Count;
    }

    private async Task<PaymentFact?> FactAsync(Subscription subscription, ComingEnd coming, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var plan = await PlanPrices.AgreedAsync(db, subscription, cancellationToken);
        var about = SubscriptionFacts.About(subscription, plan);
        if (coming.Kind == EndKind.Grace)
        {
            var unpaid = await db.Invoices.AsNoTracking().Where(i => i.SubscriptionId == subscription.Id && i.Status == InvoiceStatus.Open)
                .OrderByDescending(i => i.CreatedAt).FirstOrDefaultAsync(cancellationToken);
            return unpaid is null ? null : new GraceEnding(about, coming.At, unpaid.AmountDue.Minor, unpaid.AmountDue.Currency.Code, unpaid.HostedUrl, now);
        }

        if (plan is null)
        {
            return null;
        }

        var cost = SubscriptionFacts.Cost(subscription, plan);
        return coming.Kind == EndKind.Trial
            ? new TrialEnding(about, coming.At, cost.Minor, cost.Currency.Code, now)
            : new RenewalUpcoming(about, coming.At, cost.Minor, cost.Currency.Code, now);
    }
}
