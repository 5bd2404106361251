using MediatR;
using Microsoft.EntityFrameworkCore;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Refunds;

/// <summary>The refunds of a payment, newest first.</summary>
/// <param name="Buyer">Only if it is this person's payment; null for staff.</param>
public sealed record ListRefunds(PaymentId PaymentId, UserId? Buyer) : IRequest<IReadOnlyList<RefundView>>;

internal sealed class ListRefundsHandler(IPaymentsDb db) : IRequestHandler<ListRefunds, IReadOnlyList<RefundView>>
{
    public async Task<IReadOnlyList<RefundView>> Handle(ListRefunds query, CancellationToken cancellationToken)
    {
        if (!await db.Payments.AnyAsync(p => p.Id == query.PaymentId && (query.Buyer == null || p.UserId == query.Buyer), cancellationToken))
        {
            throw query.Buyer is null ? PaymentRefusals.Unknown() : PaymentRefusals.NotFound();
        }

        var refunds = await db.Refunds.AsNoTracking().Where(r => r.PaymentId == query.PaymentId).OrderByDescending(r => r.CreatedAt).ThenByDescending(r => r.Id).ToListAsync(cancellationToken);
        return [.. refunds.Select(RefundView.From).Select(view => query.Buyer is null ? view : view.ForBuyer())];
    }
}
