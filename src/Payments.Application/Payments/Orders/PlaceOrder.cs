using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Payments.Application.Payments.Checkout;
using Payments.Application.Shared;
using Payments.Application.Users.Contracts;
using Payments.Domain.Payments.Catalog;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Payments.Orders;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Orders;

/// <summary>Reserves pieces of products at today's prices, all of them or none.</summary>
/// <param name="RequestKey">The caller's Idempotency-Key.</param>
public sealed record PlaceOrder(UserId UserId, IReadOnlyList<WantedProduct> Items, string? RequestKey) : IRequest<OrderView>;

public sealed record WantedProduct(ProductId ProductId, int Quantity);

internal sealed class PlaceOrderValidator : AbstractValidator<PlaceOrder>
{
    /// <summary>The provider's page takes a hundred lines; nobody orders half as many.</summary>
    private const int MostLines = 50;

    public PlaceOrderValidator()
    {
        RuleFor(c => c.Items).Must(items => items.Count is >= 1 and <= MostLines).WithMessage($"An order has 1 to {MostLines} lines.");
        RuleFor(c => c.Items).Must(items => items.Select(i => i.ProductId).Distinct().Count() == items.Count).WithMessage("Each product stands in one line.");
        RuleFor(c => c.Items).Must(items => items.All(i => i.Quantity is >= 1 and <= PaymentTerms.MaximumQuantity)).WithMessage($"A quantity is a whole number from 1 to {PaymentTerms.MaximumQuantity}.");
    }
}

internal sealed class PlaceOrderHandler(IPaymentsDb db, IUserDirectory users, CheckoutOptions selling, OrderOptions options, IIdGenerator ids, TimeProvider clock) : IRequestHandler<PlaceOrder, OrderView>
{
    public async Task<OrderView> Handle(PlaceOrder command, CancellationToken cancellationToken)
    {
        await Purchases.RequireAllowedAsync(command.UserId, selling, users, cancellationToken);
        await using var transaction = await db.BeginAsync(cancellationToken);
        if (await FindRepeatedAsync(command, cancellationToken) is { } repeated)
        {
            return OrderView.From(repeated);
        }

        var wanted = command.Items.Select(i => i.ProductId).ToList();
        var stock = (await db.LockStockAsync(wanted, cancellationToken)).ToDictionary(s => s.ProductId);
        var products = await db.Products.AsNoTracking().Where(p => wanted.Contains(p.Id) && p.Active).ToDictionaryAsync(p => p.Id, cancellationToken);
        var lines = command.Items.Select(i => (products.GetValueOrDefault(i.ProductId) ?? throw OrderRefusals.ProductUnknown(), i.Quantity)).ToList();
        var order = Order.Place(new OrderId(ids.Next()), command.UserId, lines, command.RequestKey, options.Lifetime, clock.GetUtcNow());
        foreach (var (product, quantity) in lines)
        {
            stock[product.Id].Reserve(quantity, product.Name);
        }

        db.Orders.Add(order);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return OrderView.From(order);
    }

    private async Task<Order?> FindRepeatedAsync(PlaceOrder command, CancellationToken cancellationToken)
    {
        if (command.RequestKey is null)
        {
            return null;
        }

        await db.LockBuyerAsync(command.UserId, cancellationToken);
        var known = await db.Orders.AsNoTracking().Include(o => o.Lines).FirstOrDefaultAsync(o => o.UserId == command.UserId && o.RequestKey == command.RequestKey, cancellationToken);
        return known is null || known.Lines.OrderBy(l => l.Number).Select(l => new WantedProduct(l.ProductId, l.Quantity)).SequenceEqual(command.Items)
            ? known
            : throw new Refusal(RefusalKind.Unprocessable, "idempotency.key_reused", "This Idempotency-Key was used for another order.");
    }
}
