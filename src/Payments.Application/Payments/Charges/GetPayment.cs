using MediatR;
using Microsoft.EntityFrameworkCore;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Charges;

/// <summary>One of the caller's own payments; another's is not found.</summary>
public sealed record GetPayment(UserId UserId, PaymentId PaymentId) : IRequest<PaymentView>;

internal sealed class GetPaymentHandler(IPaymentsDb db, TimeProvider clock) : IRequestHandler<GetPayment, PaymentView>
{
    public async Task<PaymentView> Handle(GetPayment query, CancellationToken cancellationToken) =>
        PaymentView.ForBuyer(
            await db.Payments.AsNoTracking().FirstOrDefaultAsync(p => p.Id == query.PaymentId && p.UserId == query.UserId, cancellationToken) ?? throw PaymentRefusals.NotFound(),
            clock.GetUtcNow());
}
