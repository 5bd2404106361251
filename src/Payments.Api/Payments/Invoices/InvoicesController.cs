using MediatR;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Payments.Api.Edge;
using Payments.Application.Payments.Invoices;
using Payments.Application.Shared;
using Payments.Domain.Payments.Invoices;
using Payments.Domain.Shared;

namespace Payments.Api.Payments.Invoices;

/// <summary>The caller's own invoices; another's is not found.</summary>
[Route("api/v1/invoices")]
[Authorize(Policy = Policies.User)]
public sealed class InvoicesController(IMediator mediator, ICurrentUser user) : ControllerBase
{
    /// <summary>All issued invoices, newest first.</summary>
    [HttpGet]
    [Authorize(Policy = Policies.User)]
    public async Task<ListResponse<InvoiceResponse>> List([FromQuery] int? limit, [FromQuery] string? cursor, CancellationToken cancellationToken) =>
        ListResponse.From(await mediator.Send(new ListInvoices(user.Id, limit, cursor), cancellationToken), InvoiceResponse.From);

    /// <summary>One invoice with its lines and taxes. Its links work; those in the list may have ended.</summary>
    [HttpGet("{id:guid}")]
    [Authorize(Policy = Policies.User)]
    public async Task<InvoiceResponse> Get(Guid id, CancellationToken cancellationToken) =>
        InvoiceResponse.From(await mediator.Send(new GetInvoice(user.Id, new InvoiceId(id)), cancellationToken));

    /// <summary>Sends the browser to the invoice's PDF.</summary>
    [HttpGet("{id:guid}/pdf")]
    [Authorize(Policy = Policies.User)]
    [ProducesResponseType(StatusCodes.Status302Found)]
    public async Task<IActionResult> Pdf(Guid id, CancellationToken cancellationToken) =>
        Redirect(await mediator.Send(new GetInvoicePdf(user.Id, new InvoiceId(id)), cancellationToken));
}

/// <param name="AmountDue">The total less what the buyer's balance pays.</param>
/// <param name="HostedUrl">Where it can be looked at and paid.</param>
public sealed record InvoiceResponse(
    Guid Id, string? Number, InvoiceStatus Status, MoneyResponse Subtotal, MoneyResponse Discount, MoneyResponse Tax, MoneyResponse Total, MoneyResponse AmountDue, MoneyResponse AmountPaid,
    DateTimeOffset? PeriodStart, DateTimeOffset? PeriodEnd, Guid? SubscriptionId, Guid? PaymentId, IReadOnlyList<InvoiceLineResponse> Lines, IReadOnlyList<InvoiceTaxResponse> Taxes,
    IReadOnlyList<InvoiceTaxIdResponse> TaxIds, string? HostedUrl, string? PdfUrl, DateTimeOffset CreatedAt, DateTimeOffset? PaidAt)
{
    internal static InvoiceResponse From(InvoiceView i) => new(
        i.Id.Value, i.Number, i.Status, MoneyResponse.From(i.Subtotal), MoneyResponse.From(i.Discount), MoneyResponse.From(i.Tax), MoneyResponse.From(i.Total), MoneyResponse.From(i.AmountDue),
        MoneyResponse.From(i.AmountPaid), i.PeriodStart, i.PeriodEnd, i.SubscriptionId?.Value, i.PaymentId?.Value, [.. i.Lines.Select(InvoiceLineResponse.From)],
        [.. i.Taxes.Select(InvoiceTaxResponse.From)], [.. i.TaxIds.Select(t => new InvoiceTaxIdResponse(t.Kind, t.Value))], i.HostedUrl, i.PdfUrl, i.CreatedAt, i.PaidAt);
}

/// <param name="Proration">It makes up for a change within a period.</param>
public sealed record InvoiceLineResponse(string Description, MoneyResponse Amount, int Quantity, bool Proration, DateTimeOffset PeriodStart, DateTimeOffset PeriodEnd)
{
    internal static InvoiceLineResponse From(InvoiceLine l) => new(l.Description, MoneyResponse.From(l.Amount), l.Quantity, l.IsProration, l.PeriodStart, l.PeriodEnd);
}

/// <param name="Kind">vat, gst, …; null when not told.</param>
/// <param name="Name">As it stands on the invoice; null while the provider does not tell it.</param>
/// <param name="Percentage">Of <paramref name="Taxable"/>; null as the name is.</param>
public sealed record InvoiceTaxResponse(string? Kind, string? Name, decimal? Percentage, MoneyResponse Amount, MoneyResponse? Taxable)
{
    internal static InvoiceTaxResponse From(InvoiceTaxView t) =>
        new(t.Rate?.Kind, t.Rate?.Name, t.Rate?.Percentage, MoneyResponse.From(t.Amount), t.Taxable is { } taxable ? MoneyResponse.From(taxable) : null);
}

/// <summary>A tax number of the buyer's: a GST or VAT id.</summary>
public sealed record InvoiceTaxIdResponse(string Kind, string? Value);
