using MediatR;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Payments.Api.Edge;
using Payments.Api.Edge.Identity;
using Payments.Application.Admin;
using Payments.Application.Payments.Exports;
using Payments.Application.Shared;
using Payments.Application.Users.Credits;

namespace Payments.Api.Admin;

/// <summary>The books as tables (CSV), however long: they are written while they are read. Each export is in the audit log.</summary>
[Route("api/v1/admin/exports")]
[Authorize(Policy = Policies.Finance)]
public sealed class ExportsController(IMediator mediator, ICurrentUser user) : ControllerBase
{
    /// <summary>Payments opened in a time.</summary>
    [HttpGet("payments.csv")]
    [Authorize(Policy = Policies.Finance)]
    [ProducesResponseType(typeof(string), StatusCodes.Status200OK, CsvResult<BookedPayment>.ContentType)]
    public async Task<IActionResult> Payments([FromQuery] DateTimeOffset? from, [FromQuery] DateTimeOffset? until, CancellationToken cancellationToken) =>
        new CsvResult<BookedPayment>("payments.csv", await mediator.Send(new ExportPayments(from, until, Actor), cancellationToken), BookColumns.Payments);

    /// <summary>Refunds asked for in a time.</summary>
    [HttpGet("refunds.csv")]
    [Authorize(Policy = Policies.Finance)]
    [ProducesResponseType(typeof(string), StatusCodes.Status200OK, CsvResult<BookedRefund>.ContentType)]
    public async Task<IActionResult> Refunds([FromQuery] DateTimeOffset? from, [FromQuery] DateTimeOffset? until, CancellationToken cancellationToken) =>
        new CsvResult<BookedRefund>("refunds.csv", await mediator.Send(new ExportRefunds(from, until, Actor), cancellationToken), BookColumns.Refunds);

    /// <summary>The credit ledger's lines of a time, in the order in which they were written.</summary>
    [HttpGet("credits.csv")]
    [Authorize(Policy = Policies.Finance)]
    [ProducesResponseType(typeof(string), StatusCodes.Status200OK, CsvResult<BookedCredits>.ContentType)]
    public async Task<IActionResult> Credits([FromQuery] DateTimeOffset? from, [FromQuery] DateTimeOffset? until, CancellationToken cancellationToken) =>
        new CsvResult<BookedCredits>("credits.csv", await mediator.Send(new ExportCredits(from, until, Actor), cancellationToken), BookColumns.Credits);

    /// <summary>Invoices issued in a time.</summary>
    [HttpGet("invoices.csv")]
    [Authorize(Policy = Policies.Finance)]
    [ProducesResponseType(typeof(string), StatusCodes.Status200OK, CsvResult<BookedInvoice>.ContentType)]
    public async Task<IActionResult> Invoices([FromQuery] DateTimeOffset? from, [FromQuery] DateTimeOffset? until, CancellationToken cancellationToken) =>
        new CsvResult<BookedInvoice>("invoices.csv", await mediator.Send(new ExportInvoices(from, until, Actor), cancellationToken), BookColumns.Invoices);

    private Actor Actor => Actors.Of(user, HttpContext);
}

internal static class BookColumns
{
    public static readonly IReadOnlyList<Column<BookedPayment>> Payments =
    [
        Column<BookedPayment>.Id("id", p => p.Id.Value), Column<BookedPayment>.Id("user_id", p => p.UserId.Value), Column<BookedPayment>.At("created_at", p => p.CreatedAt),
        Column<BookedPayment>.At("completed_at", p => p.CompletedAt), Column<BookedPayment>.State("kind", p => p.Kind), Column<BookedPayment>.State("status", p => p.Status), Column<BookedPayment>.Currency(p => p.Amount),
        .. Column<BookedPayment>.Money("amount", p => p.Amount), .. Column<BookedPayment>.Money("discount", p => p.Discount), .. Column<BookedPayment>.Money("tax", p => p.Tax),
        .. Column<BookedPayment>.Money("refunded", p => p.Refunded), Column<BookedPayment>.Number("credits", p => p.Credits), Column<BookedPayment>.Text("description", p => p.Description),
        Column<BookedPayment>.Text("session_id", p => p.SessionId), Column<BookedPayment>.Text("payment_intent_id", p => p.IntentId), Column<BookedPayment>.Text("charge_id", p => p.ChargeId),
        Column<BookedPayment>.Text("invoice_id", p => p.InvoiceId),
    ];

    public static readonly IReadOnlyList<Column<BookedRefund>> Refunds =
    [
        Column<BookedRefund>.Id("id", r => r.Id.Value), Column<BookedRefund>.Id("payment_id", r => r.PaymentId.Value), Column<BookedRefund>.Id("user_id", r => r.UserId.Value),
        Column<BookedRefund>.At("created_at", r => r.CreatedAt), Column<BookedRefund>.At("completed_at", r => r.CompletedAt), Column<BookedRefund>.State("status", r => r.Status),
        Column<BookedRefund>.State("reason", r => r.Reason), Column<BookedRefund>.State("origin", r => r.Origin), Column<BookedRefund>.Currency(r => r.Amount), .. Column<BookedRefund>.Money("amount", r => r.Amount),
        Column<BookedRefund>.Id("requested_by", r => r.RequestedBy?.Value), Column<BookedRefund>.Text("note", r => r.Note), Column<BookedRefund>.Text("provider_id", r => r.GatewayId),
    ];

    public static readonly IReadOnlyList<Column<BookedCredits>> Credits =
    [
        Column<BookedCredits>.Id("id", c => c.Id), Column<BookedCredits>.Id("user_id", c => c.UserId.Value), Column<BookedCredits>.At("at", c => c.At), Column<BookedCredits>.State("kind", c => c.Kind),
        Column<BookedCredits>.Number("change", c => c.Change), Column<BookedCredits>.Number("balance", c => c.Balance), Column<BookedCredits>.Text("reason", c => c.Reason),
        Column<BookedCredits>.Text("reference", c => c.Reference), Column<BookedCredits>.Id("payment_id", c => c.PaymentId?.Value),
    ];

    public static readonly IReadOnlyList<Column<BookedInvoice>> Invoices =
    [
        Column<BookedInvoice>.Id("id", i => i.Id.Value), Column<BookedInvoice>.Text("number", i => i.Number), Column<BookedInvoice>.Id("user_id", i => i.UserId.Value), Column<BookedInvoice>.At("created_at", i => i.CreatedAt),
        Column<BookedInvoice>.At("paid_at", i => i.PaidAt), Column<BookedInvoice>.State("status", i => i.Status), Column<BookedInvoice>.State("reason", i => i.Reason), Column<BookedInvoice>.Currency(i => i.Total),
        .. Column<BookedInvoice>.Money("subtotal", i => i.Subtotal), .. Column<BookedInvoice>.Money("discount", i => i.Discount), .. Column<BookedInvoice>.Money("tax", i => i.Tax),
        .. Column<BookedInvoice>.Money("total", i => i.Total), .. Column<BookedInvoice>.Money("paid", i => i.Paid), Column<BookedInvoice>.At("period_start", i => i.PeriodStart),
        Column<BookedInvoice>.At("period_end", i => i.PeriodEnd), Column<BookedInvoice>.Id("subscription_id", i => i.SubscriptionId?.Value), Column<BookedInvoice>.Id("payment_id", i => i.PaymentId?.Value),
        Column<BookedInvoice>.Text("provider_id", i => i.GatewayId),
    ];
}
