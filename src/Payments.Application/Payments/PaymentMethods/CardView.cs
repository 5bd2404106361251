using FluentValidation;
using Payments.Domain.Payments.PaymentMethods;

namespace Payments.Application.Payments.PaymentMethods;

/// <summary>A saved card as its owner may see it.</summary>
/// <param name="Id">The provider's: what a purchase takes as <c>paymentMethodId</c>.</param>
public sealed record CardView(string Id, string Brand, string Last4, int ExpMonth, int ExpYear, bool IsDefault)
{
    internal static CardView From(PaymentMethod m) => new(m.Id, m.Brand, m.Last4, m.ExpMonth, m.ExpYear, m.IsDefault);
}

internal static class PaymentMethodIds
{
    public static IRuleBuilderOptions<T, string> IsPaymentMethod<T>(this IRuleBuilder<T, string> rule) => rule
        .Must(id => id is { Length: >= 4 and <= 255 } && id.StartsWith("pm_", StringComparison.Ordinal) && id.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
        .WithMessage("A payment method is the id of a card that the provider's script made: pm_….");
}
