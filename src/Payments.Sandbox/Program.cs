namespace Payments.Sandbox;

internal static class Program
{
    public static async Task Main(string[] args) => await WebApplication.CreateBuilder(args).Build().RunAsync();
}
