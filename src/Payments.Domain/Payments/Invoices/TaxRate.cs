namespace Payments.Domain.Payments.Invoices;

/// <summary>What a tax of an invoice is called, as the provider has it. Kind and percentage never change there.</summary>
/// <param name="GatewayId">The provider's id of the rate.</param>
/// <param name="Kind">What kind of tax, in the words of the tax office: <c>vat</c>, <c>gst</c>; null when not told.</param>
/// <param name="Name">As the buyer reads it: <c>VAT</c>, <c>IGST</c>.</param>
/// <param name="Percentage">Of the taxable amount.</param>
public sealed record TaxRate(string GatewayId, string? Kind, string Name, decimal Percentage);
