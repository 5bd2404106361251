using MediatR;
using Microsoft.EntityFrameworkCore;
using Payments.Application.Payments.Customers;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.PaymentMethods;

/// <summary>The caller's saved cards, the default one first. The provider is asked only while our rows are in doubt.</summary>
public sealed record ListPaymentMethods(UserId UserId) : IRequest<IReadOnlyList<CardView>>;

internal sealed class ListPaymentMethodsHandler(IPaymentsDb db, CustomerRecords customers, Wallets wallets) : IRequestHandler<ListPaymentMethods, IReadOnlyList<CardView>>
{
    public async Task<IReadOnlyList<CardView>> Handle(ListPaymentMethods query, CancellationToken cancellationToken)
    {
        if (await customers.FindAsync(query.UserId, cancellationToken) is not { } customer)
        {
            return [];
        }

        if (customer.CardsLoadedAt is null)
        {
            await wallets.RefreshAsync(customer.Id, cancellationToken);
        }

        var cards = await db.PaymentMethods.AsNoTracking().Where(m => m.CustomerId == customer.Id && m.DetachedAt == null).ToListAsync(cancellationToken);
        return [.. cards.OrderByDescending(m => m.IsDefault).ThenByDescending(m => m.AttachedAt).ThenBy(m => m.Id, StringComparer.Ordinal).Select(CardView.From)];
    }
}
