Feature: Who is offline gets messages later, or by another service

  @PF-IWF-01 @TP-PF-IWF-01-06.by-preference @SHALL @participating-function @offline_precedence=preference
  Scenario: Bob wants to be reached by other services, and Eve wants to get messages later
    Given Bob, a served user, is offline
    And Eve, a served user, is offline
    And the interworking function takes what it is sent
    And Bob wants to be reached by other services while offline
    When Alice sends Bob the message "Where are you?"
    And Alice sends Eve the message "Where is Bob?"
    Then what comes first becomes of "Where are you?" for Bob, who wishes other services
    And what comes first becomes of "Where is Bob?" for Eve, who does not wish other services
    When Eve's phone registers
    Then the message "Where is Bob?", which waited, reaches Eve

  @PF-IWF-01 @TP-PF-IWF-01-06.preference-changes @SHALL @participating-function @offline_precedence=preference
  Scenario: Bob changes his mind
    Given Bob, a served user, is offline
    And the interworking function takes what it is sent
    And Bob wants to be reached by other services while offline
    When Alice sends Bob the message "Where are you?"
    And Bob wants messages kept while offline
    And Alice sends Bob the message "Are you coming back?"
    Then what comes first becomes of "Where are you?" for Bob, who wishes other services
    And what comes first becomes of "Are you coming back?" for Bob, who does not wish other services
    When Bob's phone registers
    Then the message "Are you coming back?", which waited, reaches Bob

  @PF-IWF-01 @TP-PF-IWF-01-06.kept-first @SHALL @participating-function @offline_precedence=deferral
  Scenario: Messages are kept where they may be
    Given Bob, a served user, is offline
    And Eve, a served user of the class "store_off", is offline
    And the interworking function takes what it is sent
    When Alice sends Bob the message "Where are you?"
    And Alice sends Eve the message "Where is Bob?"
    Then what comes first becomes of "Where are you?" for Bob, who does not wish other services
    And "Where is Bob?" for Eve goes on to the interworking function, which takes it
    When Bob's phone registers
    Then the message "Where are you?", which waited, reaches Bob

  @PF-IWF-01 @TP-PF-IWF-01-06.other-services-first @SHALL @participating-function @offline_precedence=interworking
  Scenario: Other services come first
    Given Bob, a served user, is offline
    And Eve, a served user, is online with a phone
    And the interworking function takes what it is sent
    When Alice sends Bob the message "Where are you?"
    And Alice sends Eve the message "Where is Bob?"
    Then what comes first becomes of "Where are you?" for Bob, who does not wish other services
    And Eve's phone gets the message "Where is Bob?"
