using System.Net;
using System.Net.Mail;
using Payments.Sandbox.Mail;
using Payments.Sandbox.Stripe;
using Payments.Sandbox.Tests.Supervision;

namespace Payments.Sandbox.Tests.Stripe;

public sealed class Showing_people_and_mail : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task The_mail_is_the_catchers_and_its_markup_has_no_rights()
    {
        await using var mail = await MailCatcher.StartAsync(new() { Directory = directory["mail"] });
        await using var sandbox = await Sandbox.StartAsync(o => o with { MailPage = new Uri(mail.Url), People = [new SandboxPerson("Ada", Guid.Empty, "ada@example.com", ["admin"], "token")] });
        using (var smtp = new SmtpClient("127.0.0.1", mail.SmtpPort))
        {
            using var message = new MailMessage("shop@example.com", "ada@example.com", "Hello", "<p>Hello</p>") { IsBodyHtml = true };
            await smtp.SendMailAsync(message);
        }

        (await sandbox.GetAsync("/sandbox/users")).Text.ShouldBe("""[{"name":"Ada","id":"00000000-0000-0000-0000-000000000000","email":"ada@example.com","roles":["admin"],"token":"token"}]""");
        (await sandbox.GetAsync("/sandbox/mail?limit=5")).Text.ShouldContain("\"subject\":\"Hello\"");
        var html = await sandbox.GetAsync($"/sandbox/mail/{mail.Messages[0].Id}/html");
        html.Text.ShouldContain("<p>Hello</p>");
        html.Headers["Content-Security-Policy"].ShouldStartWith("sandbox ");
        (await sandbox.GetAsync("/sandbox/mail/999/html")).Status.ShouldBe(HttpStatusCode.NotFound);

        (await sandbox.DeleteAsync("/sandbox/mail")).Status.ShouldBe(HttpStatusCode.NoContent);
        mail.Messages.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_simulator_that_stands_alone_has_neither()
    {
        await using var sandbox = await Sandbox.StartAsync();

        (await sandbox.GetAsync("/sandbox/users")).Text.ShouldBe("[]");
        (await sandbox.GetAsync("/sandbox/mail")).Status.ShouldBe(HttpStatusCode.NotFound);
    }
}
