using MediatR;
using Payments.Application.Payments.Contracts;
using Payments.Application.Shared;

namespace Payments.Application.Payments.PaymentMethods;

/// <summary>Tells people when a card that is charged (the default, or a subscription's own) expires within a month, once a card and expiry. Answers how many were due.</summary>
public sealed record NoticeExpiringCards(int Count) : IRequest<int>;

internal sealed class NoticeExpiringCardsHandler(IPaymentsDb db, IIdGenerator ids, TimeProvider clock) : IRequestHandler<NoticeExpiringCards, int>
{
    public async Task<int> Handle(NoticeExpiringCards command, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        var now = clock.GetUtcNow();
        var due = await db.TakeExpiringCardsAsync(now, command.Count, cancellationToken);
        foreach (var card in due.Where(card => card.Notice(now)))
        {
            db.Enqueue(new CardExpiring(card.Id, card.UserId.Value, card.Brand, card.Last4, card.ExpMonth, card.ExpYear, now).ToMessage(ids.Next(), now));
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return due.Count;
    }
}
